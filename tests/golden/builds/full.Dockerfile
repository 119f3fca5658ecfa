FROM python:3.11-slim
ARG GIT_TOKEN
ARG A
ARG INDEX=https://pypi.example.org
ADD . /home/mlrun_code/
RUN chown -R 1000:65534 /home/mlrun_code/
ENV PYTHONPATH /home/mlrun_code/
RUN apt-get install -y git
RUN echo done
RUN echo 'Installing /empty/requirements.txt...'; cat /empty/requirements.txt
RUN python -m pip install -r /empty/requirements.txt
LABEL by=sea
